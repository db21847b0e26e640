/** What training tools and model classes put in front of the names of a network. */
const WRAPPERS =
  /^(?:module|model|_orig_mod|_fsdp_wrapped_module|base_model|transformer|language_model|backbone|network|state_dict|bert|roberta|distilbert|electra|albert|deberta|gpt_neox)\./;

/**
 * A name without wrappers and without what containers do to it: slashes of Keras and TensorFlow, the `:0` of their
 * outputs, older words for weight and bias.
 */
export function plainName(name: string): string {
  let plain = name.replaceAll('/', '.').replace(/:0$/, '').replace(/^\.+/, '');
  for (let next = plain.replace(WRAPPERS, ''); next !== plain; next = plain.replace(WRAPPERS, '')) plain = next;
  return plain.replace(/\.(?:gamma|kernel|embeddings)$/, '.weight').replace(/\.beta$/, '.bias');
}
