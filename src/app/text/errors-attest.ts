/** Words for the ATTEST codes: a signed or recorded statement does not hold, or lacks what it needs. */
import type { ErrorCode } from '../../core/errors.ts';
import { fact, phrase, type CodeWords } from '../../core/report/words/detail.ts';
import { DETACHED_WORDS } from './errors-detached.ts';

type AttestCode = Extract<ErrorCode, `ATTEST_${string}`>;

const ASK_PUBLISHER = 'Get the file again from its publisher, and ask the publisher if it stays so.';
const DO_NOT_RELY = 'Do not rely on this statement.';
const MALFORMED = 'A statement like this is rejected although its signature may hold.';

export const ATTEST_WORDS: Readonly<Record<AttestCode, CodeWords>> = {
  ...DETACHED_WORDS,

  ATTEST_BILL_FILES: {
    title: 'The files are not as the bill of materials states',
    why: (d) =>
      [
        phrase(d, ['changed'], (names) => `Another hash than the stated one: ${names}.`, ''),
        phrase(d, ['missing'], (names) => `Not here: ${names}.`, ''),
        'The files may be others, or the bill may be: nothing in it says which.',
      ]
        .filter((part) => part !== '')
        .join(' '),
    next: 'Get the named files, or the bill of this release, again from the publisher.',
  },
  ATTEST_ASSERTION: {
    title: (d) => `A part of the manifest does not hold${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: (d) =>
      `The signed claim states a digest for each assertion, and ${fact(d, 'label') || 'one'} does not fit. The file was put together from parts of several, or changed after it was signed.`,
    next: DO_NOT_RELY,
  },
  ATTEST_BINDING: {
    title: (d) =>
      fact(d, 'path') === ''
        ? `The manifest is not bound to this file${phrase(d, ['why'], (w) => `: ${w}`, '')}`
        : `${fact(d, 'path')} is not the file that was signed`,
    why: (d) =>
      `A signed manifest states the digest of the whole file but for its own bytes. ${fact(d, 'path') === '' ? 'Here it leaves open what else the file may hold.' : 'The digest of this one is another.'}`,
    next: 'Get the file again from its publisher, and do not rely on what its manifest says.',
  },
  ATTEST_BUNDLE: {
    title: (d) => `The signature file is not in a known form${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'Only the published forms of Sigstore bundles, envelopes and records are read; anything else might mean something else to another reader.',
    next: ASK_PUBLISHER,
  },
  ATTEST_CBOR: {
    title: 'The signed text cannot be read',
    why: (d) => `It is not plain, unambiguous CBOR${phrase(d, ['why'], (w) => ` (${w})`, '')}. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_CHAIN: {
    title: (d) => `The chain of checkpoints is broken${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: (d) =>
      `Each entry has to name the one before it by its digest${phrase(d, ['entry'], (e) => ` (see entry ${e})`, '')}. A checkpoint or its entry was changed, left out or put elsewhere.`,
    next: DO_NOT_RELY,
  },
  ATTEST_CERTIFICATE: {
    title: (d) => `The signer’s certificate does not hold${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'It does not lead to a root that is trusted here, was not valid at the time, or is not meant for signing.',
    next: DO_NOT_RELY,
  },
  ATTEST_CONSISTENCY: {
    title: (d) => `The description does not fit the files${phrase(d, ['what'], (w) => `: ${w}`, '')}`,
    why: (d) =>
      `It states ${fact(d, 'stated') || 'one thing'}, and ${fact(d, 'where') || 'a file here'} says ${fact(d, 'actual') || 'another'}${phrase(d, ['more'], (n) => (n === '1' ? '. One more differs' : `. ${n} more differ`), '')}.`,
    next: 'Make sure that the description and the files belong to the same model and release.',
  },
  ATTEST_CLAIM: {
    title: (d) => `The C2PA claim is not usable${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: `It does not say all that the standard asks for, or says it in another way. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_DER: {
    title: 'A signature or key is not encoded as it must be',
    why: 'The encoding (DER) allows one form for each value, and this is another one.',
    next: DO_NOT_RELY,
  },
  ATTEST_EVENTS: {
    title: (d) => `The events are not what the hardware vouches for${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'A proof is worth something only when its list of events leads to registers that the hardware signed and that nobody can set back.',
    next: DO_NOT_RELY,
  },
  ATTEST_EXPIRED: {
    title: (d) => `The certificate expired${phrase(d, ['end'], (e) => ` on ${e}`, '')}`,
    why: 'It was valid when it was issued, and nobody who vouches for the time says that the signature was made before it ended.',
    next: 'Ask the publisher for a fresh signature or one with a timestamp.',
  },
  ATTEST_FILES: {
    title: 'The files are not the ones that were signed',
    why: 'Files differ from the signed list, are missing, or are not on it. The rows below name each.',
    next: 'Get the named files again from the publisher.',
  },
  ATTEST_IDENTITY: {
    title: 'Somebody else signed this',
    why: (d) =>
      `The signature is by ${fact(d, 'actual') || 'another identity'}${phrase(d, ['issuer'], (i) => ` (vouched for by ${i})`, '')}, and ${fact(d, 'expected') || 'another one'} was expected.`,
    next: 'Make sure of the expected signer from a place other than this download.',
  },
  ATTEST_JSON: {
    title: 'The signed text cannot be read',
    why: (d) => `It is not plain, unambiguous JSON${phrase(d, ['why'], (w) => ` (${w})`, '')}. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_KEY: {
    title: 'The public key cannot be used',
    why: (d) => `It is not a key of a supported kind${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: 'Give the publisher’s public key as a PEM file.',
  },
  ATTEST_LOG: {
    title: (d) => `The entry in the public log does not hold${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'Without proof that the signature stands in the public log, nobody could have noticed a misused key.',
    next: DO_NOT_RELY,
  },
  ATTEST_MATERIAL: {
    title: (d) => `What the signature carries does not fit together${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'A bundle holds one signature and one way to check it: a key, a certificate chain, or a Sigstore certificate.',
    next: ASK_PUBLISHER,
  },
  ATTEST_MEMORY_FILE: {
    title: 'These are not remembered signers in a form that is known here',
    why: (d) =>
      `The file is held against its form before anything of it is believed${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: 'Export them again from the device that remembers them.',
  },
  ATTEST_NOT_REACHED: {
    title: 'Not looked at',
    why: (d) => `An earlier step (${fact(d, 'step') || 'before it'}) did not hold, so this one would mean nothing.`,
    next: 'See the step that failed.',
  },
  ATTEST_NO_ANSWER: {
    title: 'It says nothing about what you asked',
    why: 'Your policy asks how the model was made or verified, and this statement is about something else.',
    next: 'Ask the publisher for provenance of the build, or leave this statement aside.',
  },
  ATTEST_NO_BUILDER: {
    title: 'Nothing confirms the builder',
    why: (d) =>
      `The statement names ${fact(d, 'actual') || 'a builder'}, and the signer’s certificate does not say that it is one.`,
    next: 'Expect the signer by name, which the certificate does confirm, or check with the builder’s own key.',
  },
  ATTEST_NO_AUTHORITY: {
    title: 'The signature holds with the certificate inside the manifest; who that is was not established',
    why: (d) =>
      `The certificate calls its owner ${fact(d, 'subject') || 'by a name'}, and anybody can make one that does. Assay ships no list of C2PA authorities, and no root certificate was given.`,
    next: 'Give the root certificate of the authority you rely on, as a PEM file.',
  },
  ATTEST_NO_BINDING: {
    title: (d) => `The file it was made for was not compared${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'Digests of whole files are compared; pictures, films and sound have their own ways of being bound to a manifest, which are not read here.',
    next: 'Keep the model and its manifest together, with the same name but for the ending.',
  },
  ATTEST_NO_BYTES: {
    title: 'The files were not read',
    why: 'Only headers were read, so nothing can be said about the bytes that were signed.',
    next: 'Choose the full check to compare every byte.',
  },
  ATTEST_NO_FILE: {
    title: 'None of the files it speaks of is here',
    why: (d) =>
      `It names other files${phrase(d, ['path'], (p) => `, such as ${p}`, '')}. The statement itself was checked.`,
    next: 'Open it together with the files it is about.',
  },
  ATTEST_NO_CURRENT_ROOT: {
    title: (d) => `The trust root is older than this signature${phrase(d, ['signedAt'], (t) => ` of ${t}`, '')}`,
    why: (d) =>
      `It names ${fact(d, 'what') || 'an authority or log'} that ${phrase(d, ['rootDate'], (r) => `the trust root of ${r}`, 'the trust root')} does not know. Newer authorities and logs are announced in newer trust roots, so this says nothing for or against it.`,
    next: 'Update the trust root (Settings, or: assay trust update) and check again. If it stays unknown, the signature does not hold.',
  },
  ATTEST_NO_FILE_NAMED: {
    title: (d) => `It does not say which file it means${phrase(d, ['name'], (n) => ` by ${n}`, '')}`,
    why: (d) =>
      phrase(
        d,
        ['same'],
        (path) => `It states a hash of the model as a whole. ${path}, the one weights file here, has that hash.`,
        phrase(
          d,
          ['other'],
          (path) =>
            `It states a hash of the model as a whole. ${path}, the one weights file here, has another: an archive, several files together or a commit may be meant.`,
          Number(d['candidates'] ?? 0) > 1
            ? `${fact(d, 'candidates')} files here could be meant, and a guess would prove nothing.`
            : 'It states a hash of the model as a whole, which could be of anything.',
        ),
      ),
    next: 'Ask the publisher for a hash of each file, under its path.',
  },
  ATTEST_NO_HASHES: {
    title: 'It states no hash of any file here',
    why: (d) =>
      `It is a description that could lie beside any files${Number(d['others'] ?? 0) > 0 ? '; its hashes are of packages, data sets or references' : ''}.`,
    next: 'Ask the publisher for a bill of materials with a SHA-256 for each weights file.',
  },
  ATTEST_NO_IDENTITY: {
    title: 'Who signed is not established',
    why: (d) =>
      `The signature names ${fact(d, 'actual') || 'somebody'}, and nobody said whom to expect. Anybody can sign as themselves.`,
    next: 'Enter the signer you expect, taken from a place other than this download.',
  },
  ATTEST_NO_INSTANCE: {
    title: 'It is of another Sigstore instance than the public one',
    why: (d) =>
      `It names ${fact(d, 'what') || 'an authority or log'} that Sigstore’s public-good trust root does not know. Organisations run instances of their own, and so can anybody else: who signed is not established.`,
    next: 'Get the trusted_root.json of that instance from a place you rely on, and give it, or keep it in Settings.',
  },
  ATTEST_NO_KEY: {
    title: 'Signed, but with which key is not established',
    why: 'No public key was given to check it with. A key inside the file proves nothing: whoever changed the file could have put it there.',
    next: 'Give the publisher’s public key.',
  },
  ATTEST_NO_MEASUREMENTS: {
    title: 'Nothing was expected of the machine',
    why: 'Register values of the operating system mean something only beside the values they should have, and none were given.',
    next: 'Give the expected measurements as a file, from whoever built the machine image.',
  },
  ATTEST_NO_NONCE: {
    title: 'Nothing shows that it was made recently',
    why: (d) =>
      Number(d['nonce'] ?? 0) === 0
        ? 'Nobody’s fresh number is in it, so it may be an old proof shown again.'
        : 'A fresh number is in it, which tells something only to whoever chose it.',
    next: 'Ask for a new proof over a number you choose, if that matters.',
  },
  ATTEST_NO_MANIFEST: {
    title: (d) => `The manifest itself is not here${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'The file names a place where its C2PA manifest lies, or the manifest is packed in a way that is not read. Nothing is fetched on the word of a file.',
    next: 'Get the manifest from its publisher and put it beside the model, with the ending “.c2pa”.',
  },
  ATTEST_NO_POLICY: {
    title: 'Authentic, but nothing was expected of it',
    why: 'No source, builder or level was stated that it should have.',
    next: 'State the source repository and the builder you expect.',
  },
  ATTEST_NO_READER: {
    title: (d) => `A form that is not read here${phrase(d, ['form'], (f) => `: ${f}`, '')}`,
    why: 'What it is was recognised, and nothing of it was compared.',
    next: (d) => `Ask the publisher for ${fact(d, 'instead') || 'a newer form'}.`,
  },
  ATTEST_NO_ROOT: {
    title: 'The certificate leads nowhere that is trusted here',
    why: 'No root certificate was given to check the chain with.',
    next: 'Give the publisher’s root certificate as a PEM file.',
  },
  ATTEST_NO_TIME: {
    title: 'Nothing says when it was signed',
    why: 'The file has no log entry and no timestamp, and the certificate was valid for minutes only.',
    next: 'Ask for an attestation of a newer form, which carries its proofs.',
  },
  ATTEST_OTHER_KEY: {
    title: 'It was signed with another key',
    why: 'The signature names its key, and it is not one that was given.',
    next: 'Make sure which key is the publisher’s.',
  },
  ATTEST_PAYLOAD_TYPE: {
    title: (d) => `The signed text is of another type${phrase(d, ['actual'], (t) => `: ${t}`, '')}`,
    why: `An in-toto statement was expected. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_POLICY: {
    title: (d) => `It was not made as expected${phrase(d, ['what'], (w) => `: ${w}`, '')}`,
    why: (d) =>
      `It states ${fact(d, 'actual') || 'something else'}${phrase(d, ['expected'], (e) => `, and ${e} was expected`, '')}.`,
    next: 'Make sure that what you expect is right; if it is, do not use the files.',
  },
  ATTEST_POLICY_FILE: {
    title: 'The policy could not be understood',
    why: (d) => `An expectation that is misspelt would never be checked${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: 'Known fields: source, ref, builder, buildType, package, version, verifier, resource, levels, subject, keyId.',
  },
  ATTEST_PREDICATE_TYPE: {
    title: (d) => `The statement is about something else${phrase(d, ['actual'], (t) => `: ${t}`, '')}`,
    why: `Its predicate type is not the one of this kind of statement. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_REGISTERS: {
    title: 'The listed registers are not the ones that were signed',
    why: 'The hardware signs a digest over the registers; the values listed beside it have another digest.',
    next: DO_NOT_RELY,
  },
  ATTEST_RESOURCES: {
    title: 'The signed list of files is not usable',
    why: (d) => `It is empty or not a list${phrase(d, ['why'], (w) => ` (${w})`, '')}. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_RESOURCE_DIGEST: {
    title: (d) => `The signed list states an impossible digest${phrase(d, ['path'], (p) => ` for ${p}`, '')}`,
    why: `It is not of the stated kind or length. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_RESOURCE_NAME: {
    title: 'The signed list names a file in a forbidden way',
    why: (d) =>
      `${fact(d, 'path') || 'A name'} is listed twice, leaves the folder, or is written as no portable path is. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_ROOT_DIGEST: {
    title: 'The signed list does not add up',
    why: 'The digest over the whole list is not the one the statement gives for it.',
    next: DO_NOT_RELY,
  },
  ATTEST_SCHEMA: {
    title: (d) => `It breaks the rules of its standard${phrase(d, ['where'], (w) => ` at ${w}`, '')}`,
    why: (d) =>
      `${fact(d, 'why') || 'A field is missing or is not what it must be'}. Another reader may refuse it or read it otherwise${phrase(d, ['also'], (places) => `. It breaks them at ${places} as well`, Number(d['more'] ?? 0) > 0 ? (Number(d['more']) === 1 ? '; another place breaks them' : `; ${fact(d, 'more')} more places break them`) : '')}.`,
    next: 'Ask whoever made it for a document that keeps to the standard.',
  },
  ATTEST_SERIALIZATION: {
    title: 'How the digests were made is not stated as it must be',
    why: (d) => `The method or hash is missing or unknown${phrase(d, ['actual'], (a) => ` (${a})`, '')}. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_SHARDS: {
    title: (d) => `The signed parts do not cover the file${phrase(d, ['path'], (p) => ` ${p}`, '')}`,
    why: `They leave a gap, overlap, or reach past its end, so bytes could change unnoticed. ${MALFORMED}`,
    next: DO_NOT_RELY,
  },
  ATTEST_SIGNATURE: {
    title: 'The signature does not hold',
    why: 'What was signed was changed afterwards, or another key signed it.',
    next: 'Do not use the files before the publisher explains it.',
  },
  ATTEST_SIGNED_INSIDE: {
    title: 'It carries a signature inside, which is not checked here',
    why: 'Signatures in the JSON Signature Format are not read, so who wrote it is not established.',
    next: 'Ask the publisher for a signature in a file of its own.',
  },
  ATTEST_STATEMENT_TYPE: {
    title: (d) => `The signed text is no statement of a known version${phrase(d, ['actual'], (t) => `: ${t}`, '')}`,
    why: MALFORMED,
    next: DO_NOT_RELY,
  },
  ATTEST_SUBJECT: {
    title: 'The statement is not about these bytes',
    why: (d) =>
      `Its subject${phrase(d, ['name'], (n) => ` (${n})`, '')} is not these files, or it does not name exactly what it must.`,
    next: 'Make sure that statement and files belong together.',
  },
  ATTEST_TIME: {
    title: 'Nobody vouches for when it was signed',
    why: (d) =>
      `Short-lived certificates need a time from a log or a timestamp authority${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: DO_NOT_RELY,
  },
  ATTEST_TRUST_ROOT: {
    title: 'The trust root cannot be used',
    why: (d) => `It is not a complete Sigstore trust root${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: 'Give the trusted_root.json of the instance that issued the signature.',
  },
};
