interface DatabaseErrorLike {
  code?: string;
  constraint?: string;
}

/** SQLSTATE of a unique violation; `constraint` names the index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const e = error as DatabaseErrorLike;
  return e?.code === '23505' && (constraint === undefined || e.constraint === constraint);
}

/** The transaction was rolled back because of another one, also as a deadlock's victim: it may be tried again at once. */
export function isConcurrencyFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes((error as DatabaseErrorLike)?.code ?? '');
}
