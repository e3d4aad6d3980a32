/* Replays a corpus through a fuzz harness where libFuzzer is not linked, so every build runs it. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int replay(const char *folder, const char *leaf)
{
    char path[4096];
    uint8_t *data = NULL;
    size_t len;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, leaf);
    file = fopen(path, "rb");
    if (!file)
        return -1;
    data = malloc(1u << 20);
    if (!data) {
        fclose(file);
        return -1;
    }
    len = fread(data, 1, 1u << 20, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    int inputs = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        struct dirent *entry;

        if (!dir) {
            fprintf(stderr, "no corpus at %s\n", argv[i]);
            return 1;
        }
        while ((entry = readdir(dir)))
            if (entry->d_name[0] != '.' && replay(argv[i], entry->d_name) == 0)
                inputs++;
        closedir(dir);
    }
    printf("%d inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
