import { Router } from 'express';
import type { Registry } from 'prom-client';
import { refuseOtherMethods } from './refuseOtherMethods.ts';

export type OperationsRoutesOptions = {
  /** Whether the store takes reads and writes. */
  readonly isReady: () => Promise<boolean>;
  readonly metrics: Registry;
};

/** What those ask who run the server; none of it says anything about its users. */
export function createOperationsRoutes({ isReady, metrics }: OperationsRoutesOptions): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const ready = await isReady();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'unavailable' });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  router.all(['/healthz', '/readyz', '/metrics'], refuseOtherMethods('GET, HEAD'));
  return router;
}
