import { PROTOCOL_VERSION } from '../../protocol/version.ts';

const SOCKET_SCHEMES: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:' };

/**
 * Where the session of a server is: `https://example.org/app` → `wss://example.org/app/weft?v=1`.
 *
 * @throws TypeError where the URL is not absolute or not http(s).
 */
export function toSessionUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  const scheme = SOCKET_SCHEMES[url.protocol];
  if (scheme === undefined) throw new TypeError(`the server's URL must be http or https: ${serverUrl}`);
  url.protocol = scheme;
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/weft`;
  url.search = `?v=${PROTOCOL_VERSION}`;
  url.hash = '';
  return url.href;
}
