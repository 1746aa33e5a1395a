import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Application } from './application.ts';
import { StartError } from './lifecycle/startError.ts';

/**
 * Loads the module that an application describes itself in: `export const application = { aggregates: […] }`.
 *
 * @throws StartError where there is no such module or it exports no application.
 */
export async function loadApplication(path: string): Promise<Application> {
  const loaded = await importModule(path);
  const application: unknown = loaded.application;
  if (!isApplication(application)) {
    throw new StartError(`${path} must export an application: { aggregates: [...] }`);
  }
  return application;
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new StartError(`${path} cannot be loaded: ${reason ?? 'for no reason given'}`, { cause: error });
  }
}

function isApplication(value: unknown): value is Application {
  return (
    typeof value === 'object' && value !== null && 'aggregates' in value && Array.isArray(value.aggregates)
  );
}
