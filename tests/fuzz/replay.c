/* SPDX-License-Identifier: MPL-2.0 */
/*
 * replay.c - stands in for libFuzzer in an ordinary build: gives a fuzz
 * target every file of its corpus, and every beginning of each file.
 *
 * The corpus of fuzz_NAME is tests/fuzz/corpus/NAME below $srcdir. Memory
 * is exactly as large as the input, so that sanitizers see a byte too far.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
play (const char *path)
{
    static uint8_t content[1 << 16];
    FILE *file = fopen (path, "rb");
    if (!file)
        return -1;
    size_t size = fread (content, 1, sizeof content, file);
    fclose (file);
    for (size_t length = 0; length <= size; length++) {
        uint8_t *copy = malloc (length);
        if (!copy && length > 0)
            return -1;
        if (length > 0)
            memcpy (copy, content, length);
        LLVMFuzzerTestOneInput (copy, length);
        free (copy);
    }
    return 0;
}

int
main (int argc, char **argv)
{
    (void)argc;
    const char *name = strstr (argv[0], "fuzz_");
    const char *srcdir = getenv ("srcdir");
    for (const char *next = name; next; next = strstr (next + 1, "fuzz_"))
        name = next;
    char folder[4096];
    snprintf (folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
              srcdir ? srcdir : ".", name ? name + strlen ("fuzz_") : "");
    DIR *directory = opendir (folder);
    if (!directory) {
        perror (folder);
        return 1;
    }
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir (directory));) {
        char path[8192];
        if (entry->d_name[0] == '.')
            continue;
        snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
        if (play (path) < 0) {
            perror (path);
            return 1;
        }
        count++;
    }
    closedir (directory);
    printf ("%u files of %s\n", count, folder);
    return count == 0;
}
