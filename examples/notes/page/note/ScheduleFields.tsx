import { DateField } from './DateField.tsx';
import type { OpenNote } from './openNote.ts';

/** Start and end, which belong together: a newer change to one conflicts with a change to the other. */
export function ScheduleFields({ note }: { note: OpenNote }) {
  return (
    <fieldset className="schedule">
      <legend className="visually-hidden">Schedule</legend>
      <DateField note={note} field="start" />
      <span className="schedule-dash" aria-hidden="true">
        –
      </span>
      <DateField note={note} field="end" />
    </fieldset>
  );
}
