// HTTP's answers about rate decks, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';

const INSTANT = { type: String, format: 'date-time' } as const;
const HASH = { type: String, description: 'SHA-256 of the canonical CSV: the same prices have the same one.' } as const;

export const DECK_STATES = ['active', 'upcoming', 'past', 'never'] as const;
export type DeckState = (typeof DECK_STATES)[number];

export class DeckVersionView {
  @ApiProperty(HASH) readonly hash!: string;
  @ApiProperty({ type: 'integer' }) readonly rows!: number;
  @ApiProperty({ type: String, description: 'Of the file.' }) readonly name!: string;
  @ApiProperty(INSTANT) readonly importedAt!: string;
  @ApiProperty({ type: String }) readonly importedBy!: string;
  @ApiProperty({ ...INSTANT, isArray: true, description: 'It was activated for calls answered from then on.' })
  readonly activeFrom!: readonly string[];
  @ApiProperty({ enum: DECK_STATES, description: 'Whether it rates the calls that are answered now.' })
  readonly state!: DeckState;
}

export class DeckPlanView {
  @ApiProperty({ type: String }) readonly plan!: string;
  @ApiProperty({ type: [DeckVersionView], description: 'In the order of their import.' })
  readonly versions!: readonly DeckVersionView[];
}

export class DecksView {
  @ApiProperty({ type: [DeckPlanView] }) readonly plans!: readonly DeckPlanView[];
}

export class DeckDifferenceView {
  @ApiProperty({ enum: ['added', 'removed', 'changed'] }) readonly kind!: 'added' | 'removed' | 'changed';
  @ApiProperty({ type: String, nullable: true, description: 'The row, as CSV.' }) readonly before!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The row, as CSV.' }) readonly after!: string | null;
}

class DeckColumnsView {
  @ApiProperty({ type: String, example: 'prefix,destination,currency,rate' }) readonly before!: string;
  @ApiProperty({ type: String }) readonly after!: string;
}

export class DeckDiffView {
  @ApiProperty({ type: 'integer' }) readonly added!: number;
  @ApiProperty({ type: 'integer' }) readonly removed!: number;
  @ApiProperty({ type: 'integer' }) readonly changed!: number;
  @ApiProperty({ type: DeckColumnsView, description: "Header of each version's rows." }) readonly columns!: DeckColumnsView;
  @ApiProperty({ type: [DeckDifferenceView] }) readonly rows!: readonly DeckDifferenceView[];
  @ApiProperty({ type: Boolean, description: 'There are more differences than rows here.' }) readonly truncated!: boolean;
}

export class ImportedDeckView {
  @ApiProperty({ type: String }) readonly plan!: string;
  @ApiProperty(HASH) readonly hash!: string;
  @ApiProperty({ type: 'integer' }) readonly rows!: number;
  @ApiProperty({ type: Boolean, description: 'False when the version was there already.' }) readonly isNew!: boolean;
  @ApiProperty(INSTANT) readonly importedAt!: string;
  @ApiProperty({ type: String }) readonly importedBy!: string;
}

export class DeckImportAnswer {
  @ApiProperty({ type: [ImportedDeckView], description: 'One of each plan.' }) readonly versions!: readonly ImportedDeckView[];
}

export class ActivationAnswer {
  @ApiProperty({ type: String }) readonly plan!: string;
  @ApiProperty(HASH) readonly hash!: string;
  @ApiProperty(INSTANT) readonly activeFrom!: string;
  @ApiProperty({ type: Boolean, description: 'False when it was so already.' }) readonly changed!: boolean;
}
