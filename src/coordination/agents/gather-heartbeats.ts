/** An agent that gives a sign of life. */
export interface Beat {
  agentId: string;
  /** That is checked out where it works. */
  branch: string | null;
}

export interface Heartbeat {
  /** False: the agent was declared disconnected. */
  connected: boolean;
  /** It has locks or tasks, which its calls keep alive. */
  holds: boolean;
  /** A tool call of its client runs, as hooks have told: a sign that it works. */
  isBusy: boolean;
}

/** Signs of life wait this long for those of other agents, in ms: little beside the silence after which an agent is dead. */
const GATHER_MS = 1_000;

/** Writes the signs of life of many agents of one process in one statement. */
export function gatherHeartbeats(
  write: (beats: readonly Beat[]) => Promise<ReadonlyMap<string, Heartbeat>>,
): (beat: Beat) => Promise<Heartbeat> {
  let gathered: Map<string, Beat> | undefined;
  let written: Promise<ReadonlyMap<string, Heartbeat>> | undefined;

  function begin(): Promise<ReadonlyMap<string, Heartbeat>> {
    return new Promise((resolve, reject) => {
      setTimeout(() => {
        const beats = [...(gathered?.values() ?? [])];
        gathered = undefined;
        written = undefined;
        write(beats).then(resolve, reject);
      }, GATHER_MS).unref();
    });
  }

  return async (beat) => {
    gathered ??= new Map();
    gathered.set(beat.agentId, beat);
    written ??= begin();
    return (await written).get(beat.agentId) ?? { connected: false, holds: false, isBusy: false };
  };
}
