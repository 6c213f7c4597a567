// Path tests' way through the API: a request goes in, its status and JSON come out.

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type Api = {
  put(path: string, body: object): Promise<Answer>;
  post(path: string, body: object): Promise<Answer>;
  get(path: string): Promise<Answer>;
  buy(tenant: string, key: string, body: object): Promise<Answer>;
  /** CDRs of source `switch`, unless it is named. */
  postCdrs(text: string, contentType: string, source?: string): Promise<Answer>;
};

export function apiAt(url: string, operatorToken?: string): Api {
  const operator = operatorToken === undefined ? {} : { authorization: `Bearer ${operatorToken}` };
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> => {
    const sent = { method, headers: { ...operator, ...headers }, ...(body === undefined ? {} : { body }) };
    const response = await fetch(url + path, sent);
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const json = { 'content-type': 'application/json' };
  return {
    put: (path, body) => ask('PUT', path, json, JSON.stringify(body)),
    post: (path, body) => ask('POST', path, json, JSON.stringify(body)),
    get: (path) => ask('GET', path, {}),
    buy: (tenant, key, body) =>
      ask('POST', `/v1/tenants/${tenant}/purchases`, { ...json, 'idempotency-key': key }, JSON.stringify(body)),
    postCdrs: (text, contentType, source = 'switch') =>
      ask('POST', `/v1/cdrs?source=${source}`, { 'content-type': contentType }, text),
  };
}
