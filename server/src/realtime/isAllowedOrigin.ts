/**
 * Whether a page of this origin may open a socket: the server's own pages and the listed ones. Programs other than
 * browsers send no Origin, and are let in; they could claim any.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  listed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (listed.includes(origin)) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
