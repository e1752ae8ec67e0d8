import { createHash } from 'node:crypto';

/**
 * Words that are easy to say and hard to mistake for each other, heard or read: no two begin with the same three letters or
 * differ by fewer than three. None is a first name: nobody takes an agent for a colleague.
 */
export const NAME_WORDS: readonly string[] = (
  'Acorn Almond Anchor Arrow Badger Bamboo Banjo Beacon Bobcat Bonfire Bramble Bronze Buffalo Cactus Camel Canoe Castle ' +
  'Cedar Cello Cheetah Cinder Citrus Clover Cobra Coconut Copper Cotton Coyote Crimson Dolphin Domino Donkey Dragon ' +
  'Eclipse Emerald Falcon Feather Fennel Ferret Fiddle Flamingo Flint Garnet Gecko Geyser Giraffe Glacier Gondola Granite ' +
  'Guitar Hammer Haystack Hickory Hippo Igloo Indigo Ivory Jackal Jaguar Jigsaw Kangaroo Kayak Kettle Kiwi Koala Lagoon ' +
  'Lantern Lavender Lemon Lichen Lilac Lizard Lobster Lotus Mammoth Maple Marlin Meadow Mitten Monsoon Moose Mosaic ' +
  'Mulberry Mustard Nebula Nectar Nutmeg Ocelot Octopus Onyx Opal Orchid Osprey Otter Panda Papaya Pebble Pelican Penguin ' +
  'Piano Pigeon Poplar Prairie Pretzel Puffin Pumpkin Quail Quiver Raccoon Radish Rhubarb Saffron Sapphire Sardine ' +
  'Scooter Sequoia Silver Spruce Starling Stork Swan Teapot Tempest Thistle Thunder Tiger Tornado Toucan Trumpet Tulip ' +
  'Tundra Turtle Umbrella Valley Velvet Vineyard Violin Volcano Vulture Waffle Walnut Weasel Windmill Wombat Yogurt Zephyr'
).split(' ');

/** Words that an agent tries, and pairs of words after these: it finds a free one long before the last. */
const TRIED_WORDS = 24;
const TRIED_PAIRS = 16;

/**
 * The names that an agent may have, best first: a word, else two. Each agent tries the words in an order of its own, always
 * the same, so that agents that join at once seldom want the same one. The last is so rare that it is free.
 */
export function listNames(agentId: string): string[] {
  const words = NAME_WORDS.map((word) => ({ word, order: hash(`${agentId} ${word}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ word }) => word);
  const pairs = words.slice(0, TRIED_PAIRS).map((word, index) => `${word} ${words.at(-1 - index)}`);
  return [...words.slice(0, TRIED_WORDS), ...pairs, `${pairs[0]} ${Number.parseInt(hash(agentId).slice(0, 8), 16)}`];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
