import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` in a transaction of its own: commits its result, or rolls back and rethrows what it threw.
 * @param begin the statement that opens it, such as `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that can't even roll back is not given to the next borrower.
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
