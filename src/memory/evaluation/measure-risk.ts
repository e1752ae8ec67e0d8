/** A threshold of scores: the shares of questions that are refused with it, since their best hit scores less. */
export interface RiskPoint {
  score: number;
  /** Of questions that have an answer: a memory that is not shown. Null without such questions. */
  answerable_refused: number | null;
  /** Of questions that have none: "nothing relevant", rightly. */
  unanswerable_refused: number | null;
}

export interface Risk {
  answerable: number;
  unanswerable: number;
  /** As search decides today. */
  at: RiskPoint;
  curve: RiskPoint[];
}

const THRESHOLDS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * What refusing costs and spares, by the scores of the best hits (0 where there is none).
 * @param relevantScore the threshold of search
 */
export function measureRisk(
  answerable: readonly number[],
  unanswerable: readonly number[],
  relevantScore: number,
): Risk {
  const pointAt = (score: number): RiskPoint => ({
    score,
    answerable_refused: shareBelow(answerable, score),
    unanswerable_refused: shareBelow(unanswerable, score),
  });
  return {
    answerable: answerable.length,
    unanswerable: unanswerable.length,
    at: pointAt(relevantScore),
    curve: THRESHOLDS.map(pointAt),
  };
}

function shareBelow(scores: readonly number[], threshold: number): number | null {
  return scores.length === 0 ? null : scores.filter((score) => score < threshold).length / scores.length;
}
