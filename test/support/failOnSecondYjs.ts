// Two copies of Yjs do not know each other's types and fail far from the cause. Yjs only prints when it is loaded a
// second time; here it ends the test file that did it.
const printError = console.error;

console.error = (...values: unknown[]) => {
  if (String(values[0]).startsWith('Yjs was already imported')) throw new Error(String(values[0]));
  printError(...values);
};
