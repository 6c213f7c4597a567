// Stands in for the row of the read model `calls` until it lands.

export type CallRow = {
  /** Tenant, source and CDR id: see `callKeyOf`. */
  readonly call_key: string;
  readonly tenant: string;
  readonly source: string;
  readonly cdr_id: string;
  readonly call_id: string | null;
  readonly conference_id: string | null;
  /** The instant that the call counts at: its answer, or its setup when it was never answered. */
  readonly answered_at: string;
  readonly setup_at: string | null;
  readonly end_at: string | null;
  readonly usage_ms: number;
  /** 0 for a call that costs nothing by its nature; it has no category and no destination. */
  readonly billable: number;
  readonly category: string;
  readonly prefix: string;
  readonly destination: string;
  readonly currency: string;
  /** What the credit was debited with. */
  readonly amount: string;
  /** The part of `amount` that is the connect fee. */
  readonly connect_charge: string;
  readonly coverage: string;
  readonly pool_ms: number;
  /** The code that an authorisation would have refused the call with. */
  readonly unauthorised: string | null;
  /** JSON: what the switch told for the usage report alone. */
  readonly report: string;
  /** Sealed; null once it was erased. */
  readonly parties: string | null;
  readonly generation: number;
  /** Of the event that wrote the row last. */
  readonly revision: number;
  readonly recorded_at: string;
};
