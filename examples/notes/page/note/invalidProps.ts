/** The attributes of a control whose value was refused; the message has the id `idOfError`. */
export function invalidProps(controlId: string, error: string | undefined) {
  return error === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': idOfError(controlId) };
}

export function idOfError(controlId: string): string {
  return `${controlId}-error`;
}
