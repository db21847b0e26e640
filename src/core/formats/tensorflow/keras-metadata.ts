/** `keras_metadata.pb` (tensorflow/python/keras/protobuf/saved_metadata.proto): a configuration per object, as JSON. */
import { SIDE_FILE_MAX } from '../../limits.ts';
import { message, MessageType, text } from '../protobuf.ts';
import type { TfNotes } from './types.ts';

const OBJECTS_MAX = 100_000;

interface Holder {
  readonly notes: TfNotes;
}

export const KERAS_METADATA = new MessageType<Holder>('SavedMetadata');
const SAVED_OBJECT = new MessageType<Holder>('SavedObject');

KERAS_METADATA.define({ 1: message(SAVED_OBJECT, (t) => t) });
SAVED_OBJECT.define({
  5: text(SIDE_FILE_MAX, ({ notes }, { text: value }) => {
    if (notes.kerasTexts.length < OBJECTS_MAX) notes.kerasTexts.push(value);
  }),
});
