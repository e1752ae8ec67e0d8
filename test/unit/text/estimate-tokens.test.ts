import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { clipText, cutText } from '../../../src/text/clip-text.js';
import { createTokenMeter, estimateTokens } from '../../../src/text/estimate-tokens.js';
import { fitTokenBudget } from '../../../src/text/fit-token-budget.js';

const texts = {
  prose:
    'All API endpoints require authentication except /health and /metrics. The plug lives in lib/auth_plug.ex and runs before the router; expired tokens are answered with 401, never with a redirect.',
  code: 'export async function verify(token: string): Promise<Claims | null> {\n  const { payload } = await jwtVerify(token, keys[kid]!);\n  return payload.exp! > now() ? (payload as Claims) : null;\n}\n',
  json: JSON.stringify({ file: 'lib/auth.ex', held_by: 'agent_x', held_for: '5 minutes', tokens: [1, 22, 333] }),
  german:
    'Die Sitzungen werden in der Datenbank abgelegt, damit nach einem Neustart nichts verloren geht. Größe prüfen, Überläufe melden.',
  russian: 'Все ошибки аутентификации возвращают 401. Токены хранятся в Redis и истекают через 24 часа.',
  chinese: '所有身份验证错误都返回401。令牌在24小时后过期,刷新令牌存储在Redis中。',
  japanese: 'このコードベースは認証にJWTを使用しています。トークンは24時間で期限切れになります。',
  arabic: 'جميع أخطاء المصادقة ترجع 401. تنتهي صلاحية الرموز بعد 24 ساعة.',
  hindi: 'सभी प्रमाणीकरण त्रुटियाँ 401 लौटाती हैं। टोकन 24 घंटे में समाप्त हो जाते हैं।',
  ids: 'stash_k3v0q8x2m1t7b5ra insight_00zd8w2m1p9x7c5v sess_vpy60fvspjibrptx agent_q3dbpxlbbkfvga76',
  emoji: '👩‍👩‍👧‍👦 family 🇩🇪 👍🏽 🚀🚀 done ✅',
};

describe('estimateTokens', () => {
  it.each(Object.entries(texts))('is near to the real count: %s', (_, text) => {
    const real = encode(text).length;
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(0.75 * real);
    expect(estimateTokens(text)).toBeLessThanOrEqual(1.5 * real);
  });

  it('takes any text, and time that grows with it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => estimateTokens(text) >= 0));
    expect(estimateTokens('a'.repeat(1_000_000))).toBeGreaterThan(100_000);
  });
});

describe('a meter of tokens', () => {
  it('cuts to the beginning within the budget, whole characters only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, maxTokens) => {
        const cut = createTokenMeter(text).cut(maxTokens);
        expect(text.startsWith(cut)).toBe(true);
        expect(estimateTokens(cut)).toBeLessThanOrEqual(maxTokens);
        expect(cut).not.toMatch(/\p{Surrogate}/u);
        expect(createTokenMeter(text).fits(maxTokens)).toBe(estimateTokens(text) <= maxTokens);
      }),
    );
    expect(createTokenMeter(texts.prose).cut(1_000)).toBe(texts.prose);
    expect(createTokenMeter('One two three').cut(2)).toBe('One two');
  });

  it('cuts within a run that is longer than a word', () => {
    for (const run of ['x'.repeat(1_000), texts.chinese.replaceAll(/[^\p{sc=Han}]/gu, '').repeat(20)]) {
      const cut = createTokenMeter(run).cut(50);
      expect(cut.length).toBeGreaterThan(40);
      expect(run.startsWith(cut)).toBe(true);
      expect(estimateTokens(cut)).toBeLessThanOrEqual(50);
    }
  });

  it('reads no further than it is asked to, and on from there', () => {
    const meter = createTokenMeter(texts.prose.repeat(100));
    for (const limit of [10, 50, 50, 100]) {
      expect(meter.fits(limit)).toBe(false);
      expect(meter.tokens()).toBeLessThanOrEqual(limit);
      expect(meter.tokens()).toBeGreaterThan(limit - 10);
    }
  });
});

describe('clipText', () => {
  it('never cuts a pair in two', () => {
    expect(clipText('short', 5)).toBe('short');
    expect(clipText('longer', 5)).toBe('longe…');
    expect(clipText('ab🚀cd', 3)).toBe('ab…');
    expect(['', 'a', 'ab', 'ab', 'ab🚀']).toEqual([0, 1, 2, 3, 4].map((length) => cutText('ab🚀cd', length)));
  });
});

describe('fitTokenBudget', () => {
  const fitTexts = (all: readonly string[], tokenBudget: number, minEntries?: number) =>
    fitTokenBudget(
      all.map((text) => ({ text, frameTokens: 24 })),
      { tokenBudget, minTextTokens: 48, ...(minEntries !== undefined && { minEntries }) },
    );
  /** What the answer would take, each entry in its frame. */
  const spent = (fitted: readonly { text: string }[]) =>
    fitted.reduce((sum, { text }) => sum + 24 + encode(text).length, 0);

  it('keeps what is short whole and lets long texts share the rest', () => {
    const all = [texts.prose.repeat(20), 'Short.', texts.german.repeat(20)];
    const fitted = fitTexts(all, 400);
    expect(fitted.map(({ omittedChars }) => omittedChars > 0)).toEqual([true, false, true]);
    expect(fitted.map(({ text, omittedChars }) => text.length + omittedChars)).toEqual(all.map(({ length }) => length));
    expect(fitted[1]?.text).toBe('Short.');
    expect(spent(fitted)).toBeLessThanOrEqual(400);
    expect(fitted[0]?.text.length).toBeGreaterThan(200);
  });

  it('drops the last ones rather than showing scraps, and shows none when there is no room', () => {
    const many = Array.from({ length: 20 }, (_, i) => `${i}: ${texts.prose.repeat(3)}`);
    const fitted = fitTexts(many, 400);
    for (const [index, { text }] of fitted.entries()) expect(many[index]?.startsWith(text)).toBe(true);
    expect(fitted.length).toBeLessThan(8);
    for (const { text } of fitted) expect(text.length).toBeGreaterThan(80);
    expect(fitTexts(many, 10)).toEqual([]);
    expect(fitTexts(many, 10, 1)).toHaveLength(1);
  });

  it('stays within the budget, in every script and mixture', () => {
    const part = fc.constantFrom(...Object.entries(texts).flatMap(([name, text]) => (name === 'ids' ? [] : [text])));
    const text = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('\n'));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.integer({ min: 100, max: 3_000 }), (all, tokenBudget) => {
        const fitted = fitTexts(all, tokenBudget);
        expect(spent(fitted)).toBeLessThanOrEqual(tokenBudget);
        // Nothing is cut or dropped that would have fitted.
        const isWhole = fitted.length === all.length && fitted.every(({ omittedChars }) => omittedChars === 0);
        const needed = all.reduce((sum, whole) => sum + 24 + estimateTokens(whole), 0);
        if (needed <= tokenBudget) expect(isWhole).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
