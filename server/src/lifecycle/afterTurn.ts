/**
 * Runs a task once the event loop has taken in everything that had come by now. What many requests of one moment ask
 * for can so be done together; a microtask would run after each of them.
 */
export function afterTurn(task: () => void): void {
  setImmediate(task);
}
