/** An example that no longer reaches what it shows ends with an error. */
export function gate(what: string, value: number, least: number): void {
  if (!(value >= least)) throw new Error(`${what}: expected at least ${least}, got ${value}`);
}
