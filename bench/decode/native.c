/*
 * The yardstick: the same decoders in C, written as ggml writes its own (plain loops over blocks) and left to the
 * compiler. One thread. Speaks lines on stdin: "load <dtype> <path> <bytes>", "run decode|squares", "quit"; answers one
 * line each: seconds of processor time for one pass over the file's bytes, tile by tile, as the WASM kernels do it.
 */
#ifdef __F16C__
#include <immintrin.h>
#endif
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TILE 16384

static float tile[TILE + 1024];
static float table[1024];

static inline float half_(uint16_t h) {
  uint32_t em = h & 0x7fff, bits;
  float f;
  if (em >= 0x0400) {
    bits = (em << 13) + (em >= 0x7c00 ? 0x70000000u : 0x38000000u);
    memcpy(&f, &bits, 4);
  } else {
    f = (float)em * 5.9604644775390625e-8f;
  }
  memcpy(&bits, &f, 4);
  bits |= (uint32_t)(h & 0x8000) << 16;
  memcpy(&f, &bits, 4);
  return f;
}

static inline float at(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return half_(h);
}

static void f32_(const uint8_t *s, float *o, int n) { memcpy(o, s, (size_t)n * 4); }
static void f64_(const uint8_t *s, float *o, int n) {
  const double *x = (const double *)s;
  for (int i = 0; i < n; i++) o[i] = (float)x[i];
}
static void bf16_(const uint8_t *s, float *o, int n) {
  const uint16_t *x = (const uint16_t *)s;
  uint32_t *u = (uint32_t *)o;
  for (int i = 0; i < n; i++) u[i] = (uint32_t)x[i] << 16;
}
#ifdef __F16C__
static void f16_(const uint8_t *s, float *o, int n) {
  const __m128i *x = (const __m128i *)s;
  for (int i = 0; i < n / 8; i++) _mm256_storeu_ps(o + 8 * i, _mm256_cvtph_ps(_mm_loadu_si128(x + i)));
}
#else
static void f16_(const uint8_t *s, float *o, int n) {
  /* No conversion instruction without F16C: the branch-free form that compilers vectorise. */
  const uint16_t *x = (const uint16_t *)s;
  for (int i = 0; i < n; i++) {
    uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16, em = (uint32_t)(x[i] & 0x7fff) << 13, bits;
    float f;
    memcpy(&f, &em, 4);
    f *= 0x1p112f;
    memcpy(&bits, &f, 4);
    bits |= em >= 0x0f800000 ? 0x7f800000u : 0;
    bits |= sign;
    memcpy(o + i, &bits, 4);
  }
}
#endif
static void i8_(const uint8_t *s, float *o, int n) {
  for (int i = 0; i < n; i++) o[i] = (float)(int8_t)s[i];
}
static void i16_(const uint8_t *s, float *o, int n) {
  const int16_t *x = (const int16_t *)s;
  for (int i = 0; i < n; i++) o[i] = x[i];
}
static void i32_(const uint8_t *s, float *o, int n) {
  const int32_t *x = (const int32_t *)s;
  for (int i = 0; i < n; i++) o[i] = (float)x[i];
}
static void i64_(const uint8_t *s, float *o, int n) {
  const int64_t *x = (const int64_t *)s;
  for (int i = 0; i < n; i++) o[i] = (float)x[i];
}
static void lut_(const uint8_t *s, float *o, int n) {
  for (int i = 0; i < n; i++) o[i] = table[s[i]];
}
static void q4_0(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 32, s += 18, o += 32) {
    const float d = at(s);
    for (int i = 0; i < 16; i++) {
      o[i] = ((s[2 + i] & 15) - 8) * d;
      o[i + 16] = ((s[2 + i] >> 4) - 8) * d;
    }
  }
}
static void q4_1(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 32, s += 20, o += 32) {
    const float d = at(s), m = at(s + 2);
    for (int i = 0; i < 16; i++) {
      o[i] = (s[4 + i] & 15) * d + m;
      o[i + 16] = (s[4 + i] >> 4) * d + m;
    }
  }
}
static void q8_0(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 32, s += 34, o += 32) {
    const float d = at(s);
    for (int i = 0; i < 32; i++) o[i] = (int8_t)s[2 + i] * d;
  }
}
static inline void scale_min(int j, const uint8_t *q, uint8_t *d, uint8_t *m) {
  if (j < 4) {
    *d = q[j] & 63;
    *m = q[j + 4] & 63;
  } else {
    *d = (q[j + 4] & 15) | ((q[j - 4] >> 6) << 4);
    *m = (q[j + 4] >> 4) | ((q[j] >> 6) << 4);
  }
}
static void q2_k(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 84) {
    const float d = at(s + 80), min = at(s + 82);
    const uint8_t *q = s + 16;
    int is = 0;
    for (int h = 0; h < 256; h += 128, q += 32)
      for (int shift = 0; shift < 8; shift += 2)
        for (int part = 0; part < 2; part++) {
          const uint8_t sc = s[is++];
          const float dl = d * (sc & 15), ml = min * (sc >> 4);
          for (int i = 0; i < 16; i++) *o++ = dl * ((q[16 * part + i] >> shift) & 3) - ml;
        }
  }
}
static void q4_k(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 144) {
    const float d = at(s), min = at(s + 2);
    const uint8_t *q = s + 16;
    for (int j = 0; j < 8; j += 2, q += 32) {
      uint8_t sc, m;
      scale_min(j, s + 4, &sc, &m);
      const float d1 = d * sc, m1 = min * m;
      scale_min(j + 1, s + 4, &sc, &m);
      const float d2 = d * sc, m2 = min * m;
      for (int i = 0; i < 32; i++) *o++ = d1 * (q[i] & 15) - m1;
      for (int i = 0; i < 32; i++) *o++ = d2 * (q[i] >> 4) - m2;
    }
  }
}
static void q5_k(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 176) {
    const float d = at(s), min = at(s + 2);
    const uint8_t *q = s + 48, *h = s + 16;
    for (int j = 0; j < 8; j += 2, q += 32) {
      uint8_t sc, m;
      scale_min(j, s + 4, &sc, &m);
      const float d1 = d * sc, m1 = min * m;
      scale_min(j + 1, s + 4, &sc, &m);
      const float d2 = d * sc, m2 = min * m;
      for (int i = 0; i < 32; i++) *o++ = d1 * ((q[i] & 15) + (h[i] & (1 << j) ? 16 : 0)) - m1;
      for (int i = 0; i < 32; i++) *o++ = d2 * ((q[i] >> 4) + (h[i] & (2 << j) ? 16 : 0)) - m2;
    }
  }
}
static void q6_k(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 210) {
    const float d = at(s + 208);
    const uint8_t *ql = s, *qh = s + 128;
    const int8_t *sc = (const int8_t *)s + 192;
    for (int h = 0; h < 2; h++, o += 128, ql += 64, qh += 32, sc += 8)
      for (int l = 0; l < 32; l++) {
        const int is = l / 16;
        o[l] = d * sc[is] * (((ql[l] & 15) | ((qh[l] & 3) << 4)) - 32);
        o[l + 32] = d * sc[is + 2] * (((ql[l + 32] & 15) | (((qh[l] >> 2) & 3) << 4)) - 32);
        o[l + 64] = d * sc[is + 4] * (((ql[l] >> 4) | (((qh[l] >> 4) & 3) << 4)) - 32);
        o[l + 96] = d * sc[is + 6] * (((ql[l + 32] >> 4) | ((qh[l] >> 6) << 4)) - 32);
      }
  }
}
static const int8_t levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
static void iq4_nl(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 32, s += 18, o += 32) {
    const float d = at(s);
    for (int i = 0; i < 16; i++) {
      o[i] = d * levels[s[2 + i] & 15];
      o[i + 16] = d * levels[s[2 + i] >> 4];
    }
  }
}
static void iq4_xs(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 136) {
    const float d = at(s);
    uint16_t high;
    memcpy(&high, s + 2, 2);
    for (int k = 0; k < 8; k++, o += 32) {
      const int ls = ((s[4 + k / 2] >> (4 * (k % 2))) & 15) | (((high >> (2 * k)) & 3) << 4);
      const float dl = d * (ls - 32);
      const uint8_t *q = s + 8 + 16 * k;
      for (int i = 0; i < 16; i++) {
        o[i] = dl * levels[q[i] & 15];
        o[i + 16] = dl * levels[q[i] >> 4];
      }
    }
  }
}
static void tq2_0(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 256, s += 66) {
    const float d = at(s + 64);
    for (int j = 0; j < 64; j += 32)
      for (int l = 0; l < 4; l++)
        for (int m = 0; m < 32; m++) *o++ = (((s[j + m] >> (l * 2)) & 3) - 1) * d;
  }
}
static void q1_0(const uint8_t *s, float *o, int n) {
  for (int b = 0; b < n; b += 128, s += 18, o += 128) {
    const float d = at(s);
    for (int i = 0; i < 128; i++) o[i] = (s[2 + i / 8] >> (i % 8)) & 1 ? d : -d;
  }
}

static const struct {
  const char *name;
  void (*decode)(const uint8_t *, float *, int);
  int values, bytes;
} kinds[] = {
    {"F32", f32_, 1, 4},     {"F64", f64_, 1, 8},      {"F16", f16_, 1, 2},       {"BF16", bf16_, 1, 2},       {"I8", i8_, 1, 1},
    {"I16", i16_, 1, 2},     {"I32", i32_, 1, 4},      {"I64", i64_, 1, 8},       {"F8_E4M3", lut_, 1, 1},     {"F8_E5M2", lut_, 1, 1},
    {"Q4_0", q4_0, 32, 18},  {"Q4_1", q4_1, 32, 20},   {"Q8_0", q8_0, 32, 34},    {"Q2_K", q2_k, 256, 84},     {"Q4_K", q4_k, 256, 144},
    {"Q5_K", q5_k, 256, 176}, {"Q6_K", q6_k, 256, 210}, {"IQ4_NL", iq4_nl, 32, 18}, {"IQ4_XS", iq4_xs, 256, 136}, {"TQ2_0", tq2_0, 256, 66},
    {"Q1_0", q1_0, 128, 18},
};

/* Eight independent lanes, so that the compiler may use vectors without reordering anything. */
static double squares(const float *x, int n) {
  double lane[8] = {0};
  for (int i = 0; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; k++) lane[k] += (double)x[i + k] * x[i + k];
  return lane[0] + lane[1] + lane[2] + lane[3] + lane[4] + lane[5] + lane[6] + lane[7];
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(void) {
  char line[4096], name[64], path[3900];
  uint8_t *data = NULL;
  size_t size = 0;
  int kind = -1;
  volatile double keep = 0;
  for (int i = 0; i < 256; i++) table[i] = (float)i;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "load %63s %3899s %zu", name, path, &size) == 3) {
      kind = -1;
      for (int i = 0; i < (int)(sizeof kinds / sizeof *kinds); i++)
        if (!strcmp(kinds[i].name, name)) kind = i;
      free(data);
      data = aligned_alloc(64, (size + 63) / 64 * 64);
      FILE *f = fopen(path, "rb");
      size_t got = f && data ? fread(data, 1, size, f) : 0;
      if (f) fclose(f);
      puts(kind < 0 ? "none" : got == size ? "ok" : "unreadable");
    } else if (!strncmp(line, "run ", 4)) {
      const int sum = !strncmp(line + 4, "squares", 7);
      const size_t piece = (size_t)TILE / (size_t)kinds[kind].values * (size_t)kinds[kind].bytes;
      const double start = now();
      for (size_t i = 0; i + piece <= size; i += piece) {
        kinds[kind].decode(data + i, tile, TILE);
        keep += sum ? squares(tile, TILE) : tile[i % TILE];
      }
      printf("%.9f\n", now() - start);
    } else {
      break;
    }
    fflush(stdout);
  }
  return 0;
}
