// HTTP's answers about a tenant's users, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';
import { DIAL_OUT_POLICIES, LICENCES, type DialOutPolicy, type Licence } from '@tollkeeper/ledger';

const INSTANT = { type: String, format: 'date-time' } as const;
const POLICY = { enum: DIAL_OUT_POLICIES } as const;

class HeldView {
  @ApiProperty({ type: String }) readonly country!: string;
  @ApiProperty({ enum: Object.keys(LICENCES), isArray: true }) readonly licences!: readonly Licence[];
  @ApiProperty(INSTANT) readonly from!: string;
}

class PolicyFromView {
  @ApiProperty(POLICY) readonly policy!: DialOutPolicy;
  @ApiProperty(INSTANT) readonly from!: string;
}

export class PoliciesView {
  @ApiProperty({ ...POLICY, nullable: true, description: "Null: a user goes by the tenant's, the tenant by `any`." })
  readonly now!: DialOutPolicy | null;
  @ApiProperty({ type: [PolicyFromView] }) readonly later!: readonly PolicyFromView[];
}

export class UserView {
  @ApiProperty({ type: String, nullable: true, description: 'Null when no licence was ever assigned, or names were erased.' })
  readonly user!: string | null;
  @ApiProperty({ type: String, description: 'What events know the user by.' }) readonly pseudonym!: string;
  @ApiProperty({ type: HeldView, nullable: true }) readonly now!: HeldView | null;
  @ApiProperty({ type: [HeldView] }) readonly later!: readonly HeldView[];
  @ApiProperty({ type: PoliciesView }) readonly policy!: PoliciesView;
}

export class UsersPage {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: PoliciesView, description: 'For users without a policy of their own.' }) readonly policy!: PoliciesView;
  @ApiProperty({ type: [UserView] }) readonly users!: readonly UserView[];
  @ApiProperty({ type: String, nullable: true, description: 'Path of the next page.' }) readonly next!: string | null;
}

export class LicencesAnswer {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: 'integer', description: 'Rows without a fault.' }) readonly rows!: number;
  @ApiProperty({ type: 'integer', description: 'Rows that changed what a user holds.' }) readonly assigned!: number;
  @ApiProperty({ type: 'integer', description: 'Rows that were so already.' }) readonly unchanged!: number;
  @ApiProperty({ type: 'integer', description: 'Rows with a fault, left out because skipFaulty was asked for.' })
  readonly skipped!: number;
  @ApiProperty({ type: 'integer', description: "Place of the last event in the account's stream." }) readonly revision!: number;
}
