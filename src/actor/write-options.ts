/** How a write came: `resent` when the client's connection was lost and the call may have been carried out already. */
export interface WriteOptions {
  resent?: boolean;
}
