/** What a client says of a tool call besides its arguments. Null where it says nothing. */
export interface ClientCall {
  /** The client, by its name in the ledger of usage. */
  client: string | null;
  /** The client's own session, in which the call was made. */
  session: string | null;
  /** The client's own id of the call. */
  callId: string | null;
}

export const UNKNOWN_CALL: ClientCall = { client: null, session: null, callId: null };
