import { isAggregateId } from '@weft/client/protocol';
import { useSyncExternalStore } from 'react';

/** Where the page is, as its hash says: `#/` or `#/notes/<id>`. */
export type Route = { screen: 'list' } | { screen: 'note'; id: string } | { screen: 'unknown' };

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, '');
  if (path === '') return { screen: 'list' };
  const id = /^notes\/([^/]+)$/.exec(path)?.[1];
  return id !== undefined && isAggregateId(id) ? { screen: 'note', id } : { screen: 'unknown' };
}

export function hrefOfNote(id: string): string {
  return `#/notes/${id}`;
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribeToHash, () => location.hash));
}

function subscribeToHash(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
