/**
 * A bridge that sends a call again after its connection broke sets this key of `_meta` to true: the call may have been
 * carried out already (docs/decisions/calls-sent-again.md).
 */
export const RESENT_META = 'popstash/resent';
/**
 * The call was cancelled, and its server ended: what that one may have done is to be given back. When the call was
 * first sent, by Date.now() of the machine that both run on: the next server may be long in starting.
 */
export const CANCELLED_META = 'popstash/cancelled';
