// The yardstick: sparse matrix times dense matrix with 64 columns, as plainly as AVX-512 or AVX2 lets it
// be written. Called and asked as the peers in Python are (see ../src/peers/python/peer.py):
//   spmm FOLDER THREADS
#include <immintrin.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 64, ROWS_PER_CHUNK = 128 };

#if defined(__AVX512F__)
#define INSTRUCTIONS "AVX-512"
typedef __m512 vector;
#define load _mm512_loadu_ps
#define store _mm512_storeu_ps
#define splat _mm512_set1_ps
#define multiply_add _mm512_fmadd_ps
#elif defined(__AVX2__) && defined(__FMA__)
#define INSTRUCTIONS "AVX2"
typedef __m256 vector;
#define load _mm256_loadu_ps
#define store _mm256_storeu_ps
#define splat _mm256_set1_ps
#define multiply_add _mm256_fmadd_ps
#else
#error "This processor has neither AVX-512 nor AVX2 with FMA."
#endif

enum { LANES = sizeof(vector) / sizeof(float), VECTORS = COLUMNS / LANES };

static char path[4096];

static void *read_file(const char *folder, const char *name, size_t *count) {
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) exit((perror(path), 1));
  fseek(file, 0, SEEK_END);
  const size_t bytes = ftell(file);
  rewind(file);
  void *values = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!values || fread(values, 1, bytes, file) != bytes) exit((perror(path), 1));
  fclose(file);
  if (count) *count = bytes / 4;
  return values;
}

static void product(const int32_t *pointers, const int32_t *columns, const float *values,
                    const float *x, float *out, int rows) {
#pragma omp parallel for schedule(dynamic)
  for (int first = 0; first < rows; first += ROWS_PER_CHUNK) {
    const int last = first + ROWS_PER_CHUNK < rows ? first + ROWS_PER_CHUNK : rows;
    for (int row = first; row < last; row++) {
      vector sums[VECTORS];
      for (int v = 0; v < VECTORS; v++) sums[v] = splat(0);
      for (int entry = pointers[row]; entry < pointers[row + 1]; entry++) {
        const vector value = splat(values[entry]);
        const float *source = x + (size_t)columns[entry] * COLUMNS;
        for (int v = 0; v < VECTORS; v++)
          sums[v] = multiply_add(value, load(source + v * LANES), sums[v]);
      }
      for (int v = 0; v < VECTORS; v++) store(out + (size_t)row * COLUMNS + v * LANES, sums[v]);
    }
  }
}

int main(int count, char **arguments) {
  if (count != 3) return fprintf(stderr, "spmm FOLDER THREADS\n"), 1;
  const char *folder = arguments[1];
  omp_set_num_threads(atoi(arguments[2]));
  size_t numbers;
  const int32_t *pointers = read_file(folder, "matrix-pointers.i32", &numbers);
  const int rows = (int)numbers - 1;
  const int32_t *columns = read_file(folder, "matrix-columns.i32", NULL);
  const float *values = read_file(folder, "matrix-values.f32", NULL);
  const float *x = read_file(folder, "x.f32", NULL);
  float *out = aligned_alloc(64, (size_t)rows * COLUMNS * sizeof(float));
  printf("{\"about\": \"%s, gcc %s\"}\n", INSTRUCTIONS, __VERSION__);
  fflush(stdout);
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    const double started = omp_get_wtime();
    product(pointers, columns, values, x, out, rows);
    const double seconds = omp_get_wtime() - started;
    if (strstr(line, "\"result\"")) {
      snprintf(path, sizeof path, "%s/native.f32", folder);
      FILE *file = fopen(path, "wb");
      if (!file || fwrite(out, 4, (size_t)rows * COLUMNS, file) != (size_t)rows * COLUMNS)
        exit((perror(path), 1));
      fclose(file);
    }
    printf("{\"seconds\": %.9f}\n", seconds);
    fflush(stdout);
  }
  return 0;
}
