// People: users as CDRs, files and requests name them; what the ledger knows them by; and their licences as people write them.

export { faultOfIdentity, identityOf, MAX_IDENTITY_CHARS } from './identity.js';
export { nameOf, personOf, prepareNames, pseudonymOf, type Person } from './person.js';
export {
  LICENCE_FILE_FAULT_CODES,
  MAX_LICENCE_ROWS,
  MAX_LISTED_FAULTS,
  readLicenceFile,
  type LicenceFile,
  type LicenceFileFault,
  type LicenceFileFaultCode,
  type LicenceRow,
} from './licence-file.js';
export { assignLicences, type AssignOutcome } from './assign.js';
export { parseCountry, parseFrom, parseLicences } from './value.js';
export { LANGUAGES, MAX_RECIPIENTS, openRecipients, sealRecipients, type Language, type Recipients } from './recipients.js';
