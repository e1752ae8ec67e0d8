/**
 * Words that build sentences and name nothing, of languages that are written without spaces between words, and of Korean.
 * They count little in a query. Lists of what questions and notes are made of, not of the rarer ones; a language without a
 * list loses little, since frequent words count less by their frequency.
 */
const LISTS = [
  // Chinese, simplified and traditional.
  '的 了 是 在 和 与 與 或 及 等 我 我们 我們 你 你们 你們 他 她 它 他们 他們 她们 这 這 那 这个 這個 那个 那個 这些 這些 那些',
  '什么 什麼 甚麼 怎么 怎麼 怎样 怎樣 怎么样 如何 为什么 為什麼 为何 為何 哪 哪个 哪個 哪些 哪里 哪裡 哪儿 谁 誰 几 幾 多少 多大 多长 多久',
  '吗 嗎 呢 吧 啊 呀 么 麼 着 著 过 過 得 地 之 其 所 以 而 且 也 都 还 還 就 才 很 更 最 太 又 再 只 但 但是 因为 因為 所以 如果 那么',
  '有 没有 沒有 没 沒 不 不要 无 無 非 要 会 會 能 能够 能夠 可以 可 应该 應該 应 應 需要 必须 必須 请 請 把 被 给 給 让 讓 对 對 从 從 到 向 于 於 为 為 用 由 每 个 個 一个 一個 一 一些 一下 时 時 时候 時候 中 上 下 里 裡 后 後 前',
  // Japanese; words in hiragana alone count by their length, see segment-query.ts.
  '何 誰 為 時 事 物 私 私達 我々 方 場合 今 中 上 下',
  'ください について どうやって どうする でしょうか ありません ありますか ますか ですか として ためのか ような ように されている している しました します なければ ならない これは それは どこに どこで',
  // Korean.
  '어떻게 어떤 무엇 무엇을 무엇이 뭐 언제 어디 어디서 어디에 왜 누가 누구 우리 우리는 우리의 나는 저는 그 이 저 것 것은 것이 수 있는 있나요 있습니까 있다 없다 하는 하나요 합니까 합니다 해야 한다 하고 그리고 그러나 또는 및 때 위해 대한 대해 되는 됩니다 인가요 입니까 입니다',
  // Thai.
  'ที่ และ ของ ใน เป็น การ ได้ ให้ จะ มี ไม่ ว่า ความ กับ อย่างไร อะไร ทำไม เมื่อ เมื่อไร เมื่อไหร่ หรือ นี้ นั้น เรา คือ ต้อง ควร จาก ไป มา แล้ว ก็ อยู่ ทำ ยังไง เท่าไร เท่าไหร่ ไหน ใคร ไหม ครับ ค่ะ คะ โดย เพื่อ ถ้า ซึ่ง',
  // Lao, Khmer, Burmese.
  'ທີ່ ແລະ ຂອງ ໃນ ເປັນ ການ ໄດ້ ໃຫ້ ຈະ ມີ ບໍ່ ວ່າ ກັບ ແນວໃດ ຫຍັງ ຫຼື ນີ້ ເຮົາ ຄື ຕ້ອງ',
  'នៃ និង ជា មាន ក្នុង នៅ ដែល បាន ឱ្យ ទៅ មក មិន ត្រូវ នេះ នោះ យើង អ្វី ដូចម្តេច យ៉ាងដូចម្តេច ឬ ដោយ ពី',
  'သည် ကို မှာ မှ နှင့် များ ၏ က ဖြစ် ရှိ မ ဘာ ဘယ်လို တယ် လဲ ပါ',
];

export const FUNCTION_WORDS: ReadonlySet<string> = new Set(LISTS.flatMap((list) => list.split(' ')));

/** Particles that Korean nouns carry, the longer ones first, and endings of the verb "do". */
export const KOREAN_ENDINGS: readonly string[] =
  '에서는 으로는 하려면 합니다 했습니다 하나요 되나요 됩니다 에서 에게 부터 까지 으로 하고 이나 처럼 보다 마다 하는 하기 은 는 이 가 을 를 에 의 와 과 도 만 로'.split(
    ' ',
  );
