/*
 * Runs before everything else, also in browsers too old for the program itself: ES5 only, no bundling.
 * 1. Sets the chosen theme before the first paint.
 * 2. Says in plain words what is missing when the program cannot run, or when it could not be loaded.
 */
(function () {
  'use strict';
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('assay:theme');
    if (theme === '"light"' || theme === '"dark"') root.setAttribute('data-theme', theme.slice(1, -1));
  } catch (_) {
    // Storage is blocked: the system's theme it is.
  }

  var subtle = window.crypto && window.crypto.subtle;
  var needs = [
    ['JavaScript modules', 'noModule' in document.createElement('script')],
    ['A secure address (https, or localhost)', window.isSecureContext !== false],
    ['Web Cryptography, which computes digests', !!subtle || window.isSecureContext === false],
    ['WebAssembly, which computes the digests of large files', typeof WebAssembly === 'object' && webAssembly()],
    [
      'Web Workers, which read files in the background',
      typeof Worker === 'function' && typeof MessageChannel === 'function',
    ],
    ['Reading parts of a file (Blob.arrayBuffer)', typeof Blob === 'function' && !!Blob.prototype.arrayBuffer],
    ['Whole numbers of 64 bits (BigInt)', typeof BigInt === 'function'],
    ['Array.prototype.findLast and other basics of 2022', !!Array.prototype.findLast && !!Object.hasOwn],
  ];

  function webAssembly() {
    try {
      return WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch (_) {
      return false;
    }
  }

  var missing = [];
  for (var i = 0; i < needs.length; i++) if (!needs[i][1]) missing.push(needs[i][0]);
  if (missing.length > 0) root.setAttribute('data-unsupported', '');

  function show(title, why, items, next) {
    function fill() {
      document.getElementById('unsupported-title').textContent = title;
      document.getElementById('unsupported-why').textContent = why;
      var list = document.getElementById('unsupported-list');
      list.textContent = '';
      for (var i = 0; i < items.length; i++) {
        var item = document.createElement('li');
        item.textContent = items[i];
        list.appendChild(item);
      }
      if (next) document.getElementById('unsupported-next').textContent = next;
      document.getElementById('unsupported').removeAttribute('hidden');
    }
    if (document.getElementById('unsupported-next')) fill();
    else document.addEventListener('DOMContentLoaded', fill);
  }

  if (missing.length > 0) {
    show(
      'This browser cannot run Assay',
      missing.length === 1
        ? 'One thing that is needed to read model files is missing here:'
        : 'Some things that are needed to read model files are missing here:',
      missing,
    );
    return;
  }

  // A script that does not arrive or does not parse leaves an empty page: say so. `data-ready` is set once it runs.
  function failed(event) {
    if (root.hasAttribute('data-ready')) return;
    var target = event.target;
    if (target && target !== window && target.tagName !== 'SCRIPT') return;
    show(
      'Assay could not start',
      'Part of the program did not arrive or could not be run.',
      event.message ? [String(event.message).slice(0, 300)] : [],
      'Reload the page. If that does not help, clear the stored data of this site, or try another browser.',
    );
  }
  window.addEventListener('error', failed, true);
  window.addEventListener('unhandledrejection', function (event) {
    failed({ target: window, message: event.reason && event.reason.message });
  });
})();
