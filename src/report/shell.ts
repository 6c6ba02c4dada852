/** Commands that are printed can be copied into a shell. */

/** A command line of POSIX shells. */
export const commandOf = (name: string, words: readonly string[]): string =>
  [name, ...words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))].join(
    " ",
  );
