/*
 * tree.h - files of a backup: links or copies a folder of write-once files, syncs, removes.
 *
 * Symbolic links and devices are skipped: nothing in a data folder is one. So are unfinished recordings. Thread: any; blocks.
 */
#ifndef VTB_STORE_TREE_H
#define VTB_STORE_TREE_H

#include "base/err.h"

#define VTB_TREE_PATH 4096

/* "a/b" into out. LIMIT */
VTB_MUST_USE enum vtb_err vtb_tree_path(const char *folder, const char *name,
                                        char out[static VTB_TREE_PATH]);
/* An absent `from` is fine. Adds to *files. A file that disappears meanwhile is left out. */
VTB_MUST_USE enum vtb_err vtb_tree_copy(const char *from, const char *to, uint64_t *files);
VTB_MUST_USE enum vtb_err vtb_tree_copy_file(const char *from, const char *to);
VTB_MUST_USE enum vtb_err vtb_tree_sync(const char *folder);
/* Folder and all in it. What cannot be removed stays. */
void vtb_tree_remove(const char *folder);
/* True if absent or a folder without entries. */
bool vtb_tree_is_free(const char *folder);

#endif
