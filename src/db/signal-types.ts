/**
 * What processes tell each other through the database (NOTIFY on the channel `popstash`). A topic is the payload:
 * `notice:AGENT` (there is a notice for it), `turn:OWNER` (what it waits for may be free), `superseded:PROJECT:OLD:NEW` (a decision).
 * A signal may be lost with a broken connection: whoever waits for one also looks now and then.
 */
export interface Signals {
  /** @returns ends the listening */
  on(topic: string, listener: () => void): () => void;
  /** Topics that begin so; the listener gets the rest. */
  onPrefix(prefix: string, listener: (rest: string) => void): () => void;
}
