import type { StreamName } from '../event-store/eventStore.ts';
import { toTextStreamName } from '../event-store/streamName.ts';
import type { TextAddress } from './textParticipant.ts';

export function toTextStream({ aggregate, field, id }: TextAddress): StreamName {
  return toTextStreamName(aggregate, field, id);
}
