import { expect } from 'vitest';

/** How an answer words an author whose agent runs in this client: `Maple (CLIENT)`. */
export function wordedAuthor(client: string): unknown {
  return expect.stringMatching(new RegExp(`^[A-Z][a-z]+( [A-Z][a-z]+)? \\(${client}\\)$`));
}
