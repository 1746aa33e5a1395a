import { fileURLToPath } from 'node:url';
import { Router, static as serveStatic } from 'express';

// CodeMirror sets its styles through style elements, hence 'unsafe-inline' for styles and for nothing else.
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Serves a built page from a folder. Files under `assets/` carry a hash in their name and may be kept for good. */
export function createPageRoutes(folder: URL): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Referrer-Policy': 'no-referrer' });
    next();
  });
  router.use(
    '/assets',
    serveStatic(fileURLToPath(new URL('assets/', folder)), { immutable: true, maxAge: '1y' }),
  );
  router.use(serveStatic(fileURLToPath(folder)));
  return router;
}
