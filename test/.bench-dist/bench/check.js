// Bench, is it right: a workload and the events that stand come in; every CDR must have been debited, and once.
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { indexOfCdr } from './workload.js';
/** @throws Error that names how many CDRs have no debit or more than one. */
export async function checkDebits(store, name, count, after) {
    const debits = new Uint8Array(count);
    for await (const page of store.readAll({ streamPrefix: `${STREAM_PREFIX}${name}-`, after })) {
        for (const { type, data } of page) {
            if (type !== 'CallDebited.v1')
                continue;
            const index = indexOfCdr(data['cdr'].id);
            if (index >= count)
                throw new Error(`${name}: CDR ${index} was debited, of ${count} that were published`);
            debits[index] = debits[index] + 1;
        }
    }
    const lost = debits.reduce((sum, times) => (times === 0 ? sum + 1 : sum), 0);
    const double = debits.reduce((sum, times) => (times > 1 ? sum + 1 : sum), 0);
    if (lost + double > 0)
        throw new Error(`${name}: of ${count} CDRs, ${lost} were not debited and ${double} more than once`);
}
