-- The quantile of a histogram with fixed buckets, as Prometheus estimates it: cumulative counts by upper bound, linear
-- within a bucket, from 0 in the first. SigNoz calls it by this name; its makers ship an executable for it that is
-- downloaded at start. ClickHouse reads this file by its name and takes one statement from it. Each argument stands once,
-- outside of any lambda, since SigNoz passes aggregate functions.
CREATE FUNCTION histogramQuantile AS (buckets, counts, quantile) -> arrayMap(
  -- h: upper bounds in order, counts that never fall, the quantile, how many observations lie at or below it.
  h -> multiIf(
    h.3 < 0, -inf,
    h.3 > 1, inf,
    length(h.1) < 2 OR h.1[-1] != inf OR h.2[-1] = 0, nan,
    -- Beyond the last finite bound nothing is known but that bound.
    arrayFirstIndex(count -> count >= h.4, arrayPopBack(h.2)) = 0, h.1[-2],
    h.2[1] >= h.4, if(h.1[1] <= 0, h.1[1], h.1[1] * h.4 / h.2[1]),
    arrayMap(
      i -> h.1[i - 1] + (h.1[i] - h.1[i - 1]) * (h.4 - h.2[i - 1]) / (h.2[i] - h.2[i - 1]),
      [arrayFirstIndex(count -> count >= h.4, h.2)]
    )[1]
  ),
  arrayMap(
    g -> (g.1, g.2, g.3, g.3 * g.2[-1]),
    arrayMap(
      g -> (g.1, arrayMap(i -> arrayMax(arraySlice(g.2, 1, i)), arrayEnumerate(g.2)), g.3),
      arrayMap(
        -- Counts of one bound, which several series can have, are added.
        g -> (
          arraySort(arrayDistinct(g.1)),
          arrayMap(
            bound -> arraySum((other, count) -> if(other = bound, count, 0), g.1, g.2),
            arraySort(arrayDistinct(g.1))
          ),
          g.3
        ),
        [(buckets, counts, toFloat64(quantile))]
      )
    )
  )
)[1]
