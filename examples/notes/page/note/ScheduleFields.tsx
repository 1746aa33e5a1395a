import type { NoteHandle } from '../weft.ts';
import { DateField } from './DateField.tsx';

/** Start and end, which belong together: a newer change to one conflicts with a change to the other. */
export function ScheduleFields({ handle }: { handle: NoteHandle }) {
  return (
    <fieldset className="schedule">
      <legend className="visually-hidden">Schedule</legend>
      <DateField handle={handle} field="start" />
      <span className="schedule-dash" aria-hidden="true">
        –
      </span>
      <DateField handle={handle} field="end" />
    </fieldset>
  );
}
