/** Sessions that must have marked a memory wrong before it says so: one may err. */
export const MIN_WRONG_SESSIONS = 2;

/** How many sessions say that a memory is wrong, by the last word of each; a scalar subquery. @param id its id, in SQL */
export function countWrong(id: string): string {
  return `(SELECT count(*)::int FROM (
      SELECT DISTINCT ON (marked_by) verdict FROM memory_marks WHERE owner_id = ${id} ORDER BY marked_by, created_at DESC
    ) said WHERE verdict = 'wrong')`;
}
