export { createManualClock, type ManualClock } from '../testing/manualClock.ts';
