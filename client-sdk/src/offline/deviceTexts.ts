import type * as Y from 'yjs';
import type { TextTarget } from '../connection/textTarget.ts';
import type { TextStorage } from '../storage/clientStorage.ts';
import { type DeviceTextsOptions, openDeviceText } from './openDeviceText.ts';

/** Copies of texts, each in a database of its own. */
export function createDeviceTexts(options: DeviceTextsOptions): TextStorage {
  const { condition, memory } = options;
  return {
    open: (target: TextTarget, doc: Y.Doc) => {
      const present = condition.peek();
      // Who is full can still be read; what is a newer version's is not touched.
      const isOpen = present.kind === 'durable' || present.reason === 'full';
      return isOpen ? openDeviceText(target, doc, options) : memory.open(target, doc);
    },
  };
}
