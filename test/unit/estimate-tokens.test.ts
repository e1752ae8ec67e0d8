import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { fitEntries } from '../../src/memory/context/fit-context.js';
import { clipText } from '../../src/text/clip-text.js';
import { cutToTokens, estimateTokens } from '../../src/text/estimate-tokens.js';

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

describe('cutToTokens', () => {
  it('gives the beginning within the budget, whole characters only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, tokens) => {
        const cut = cutToTokens(text, tokens);
        expect(text.startsWith(cut)).toBe(true);
        expect(estimateTokens(cut)).toBeLessThanOrEqual(tokens);
        expect(cut).not.toMatch(/\p{Surrogate}/u);
      }),
    );
    expect(cutToTokens(texts.prose, 1_000)).toBe(texts.prose);
    expect(cutToTokens('One two three', 2)).toBe('One two');
  });
});

describe('clipText', () => {
  it('never cuts a pair in two', () => {
    expect(clipText('short', 5)).toBe('short');
    expect(clipText('longer', 5)).toBe('longe…');
    expect(clipText('ab🚀cd', 3)).toBe('ab…');
  });
});

describe('fitEntries', () => {
  const entry = (text: string) => ({ label: 'label', text });

  it('keeps what is short whole and lets long texts share the rest', () => {
    const fitted = fitEntries([entry(texts.prose.repeat(20)), entry('Short.'), entry(texts.german.repeat(20))], 400);
    expect(fitted.map(({ cut }) => cut)).toEqual([true, false, true]);
    expect(fitted[1]?.text).toBe('Short.');
    expect(encode(JSON.stringify(fitted.map(({ text }) => text))).length).toBeLessThanOrEqual(400);
    expect(fitted[0]?.text.length).toBeGreaterThan(200);
  });

  it('drops the last ones rather than showing scraps, and shows none when there is no room', () => {
    const many = Array.from({ length: 20 }, (_, i) => entry(`${i}: ${texts.prose.repeat(3)}`));
    const fitted = fitEntries(many, 400);
    expect(fitted.map(({ entry: { text } }) => text)).toEqual(many.slice(0, fitted.length).map(({ text }) => text));
    expect(fitted.length).toBeLessThan(8);
    for (const { text } of fitted) expect(text.length).toBeGreaterThan(80);
    expect(fitEntries(many, 10)).toEqual([]);
  });
});
