// Usage report: the calls of a tenant and a period, in the 20 columns of Microsoft's PSTN export.

export type Nothing = never;
