/*
 * The citizen identity number (GB 11643-1999): 17 digits and a check character over region, date of
 * birth and order. The region code is not compared with the list of regions, which changes.
 */
#ifndef TP_DRAW_ID_NUMBER_H
#define TP_DRAW_ID_NUMBER_H

#include <stdbool.h>

#define TP_ID_NUMBER_BYTES 18

/* The check character ('0'..'9', 'X') of 17 digits. */
char tp_id_number_check_character(const char digits[17]);

/* NULL when `text` is a well-formed number (a last 'x' in capitals), or what is wrong with it:
 * "length", "digit", "birth_date", "checksum". */
const char *tp_id_number_fault(const char *text);

#endif
