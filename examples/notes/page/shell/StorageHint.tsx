import { useStorage } from '@weft/client/react';

const CAUSES = {
  none: 'This page keeps nothing on your device',
  unavailable: 'This browser keeps nothing on your device, as in a private window',
  full: 'There is no room left on your device',
  newer: 'Another tab has a newer version of this page: reload it',
  deleted: 'What was kept on your device was deleted: reload this page',
  'other-person': 'What is kept here on your device is somebody else’s',
} as const;

/** A quiet word where leaving the page would take along what was not sent. */
export function StorageHint() {
  const storage = useStorage();
  if (storage.kind === 'durable' || storage.reason === 'opening') return null;
  return (
    <p className="storage-hint" title={storage.detail}>
      {CAUSES[storage.reason]}. What is not saved is lost with the page.
    </p>
  );
}
