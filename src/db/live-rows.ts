/**
 * Conditions, in SQL, under which a memory answers: no newer version superseded it and nobody forgot it; a stash, besides,
 * has not expired. The partial unique indexes of prisma/migrations and the view memory_texts say the same.
 * @param row the row's name in the statement, with a dot; none where there is only one
 */
export function isLive(row: '' | `${string}.` = ''): string {
  return `${row}superseded_by IS NULL AND ${row}forgotten_at IS NULL`;
}

/** That the time of a stash, or of its passage, is not up; true of what never expires. */
export function isUnexpired(row: '' | `${string}.` = ''): string {
  return `(${row}expires_at IS NULL OR ${row}expires_at > now())`;
}
