export interface Endpoint {
  /** scheme, host and path prefix, without user and password, without a slash at the end */
  readonly endpoint: string;
  /** what a proxy in front of it wants in Authorization; undefined without user and password */
  readonly basic: string | undefined;
}

/** @param url http or https; a user and password in it are sent as basic authentication */
export function splitEndpoint(url: string): Endpoint {
  const parsed = new URL(url);
  const [user, password] = [decodeURIComponent(parsed.username), decodeURIComponent(parsed.password)];
  parsed.username = '';
  parsed.password = '';
  return {
    endpoint: parsed.href.replace(/\/+$/, ''),
    basic: user || password ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : undefined,
  };
}
