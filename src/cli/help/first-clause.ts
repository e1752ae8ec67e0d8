/** Of a description, for lists that show one short line. */
export function firstClause(text: string): string {
  return text.split(/[:;(.]/)[0]?.trim() ?? '';
}
