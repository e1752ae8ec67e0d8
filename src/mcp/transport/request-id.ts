/** Whether a request under this id can be answered: MCP knows strings and whole numbers. */
export function isRequestId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}
