import type { Member } from '../../actor/member.js';
import { readOrigin } from '../sessions/read-origin.js';
import { openSeat, type Seat, type SeatDeps } from './open-seat.js';

/** Where requests that stand alone are answered. */
export interface Seats {
  /** @param body the request's JSON @param project that the request names @throws AppError `invalid_argument` without one */
  answer(member: Member, request: Request, body: unknown, project: string | undefined): Promise<Response>;
  close(): void;
}

export function createSeats(deps: SeatDeps): Seats {
  const seats = new Map<string, Seat>();

  /** Requests of one bridge, or of one member for one project, come together. */
  function find(member: Member, body: unknown, project: string | undefined): Seat {
    const origin = readOrigin(member, readParams(body), project);
    const { place, host, agentId } = origin;
    const key = JSON.stringify([member.id, host === null ? place.id : agentId]);
    const known = seats.get(key);
    if (known) return known;
    forgetIdle();
    const seat = openSeat(member, origin, deps);
    seats.set(key, seat);
    return seat;
  }

  function forgetIdle(): void {
    for (const [key, seat] of seats) {
      if (!seat.isIdle()) continue;
      seats.delete(key);
      seat.leave();
    }
  }

  return {
    answer: (member, request, body, project) => find(member, body, project).answer(request, body),
    close() {
      for (const seat of seats.values()) seat.leave();
      seats.clear();
    },
  };
}

function readParams(body: unknown): Record<string, unknown> {
  const params = typeof body === 'object' && body !== null && 'params' in body ? body.params : undefined;
  return typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {};
}
