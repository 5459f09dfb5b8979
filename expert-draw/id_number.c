#include "expert-draw/id_number.h"

#include <string.h>

char tp_id_number_check_character(const char digits[17])
{
    /* ISO 7064, MOD 11-2. */
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += weights[i] * (digits[i] - '0');
    return "10X98765432"[sum % 11];
}

static int number_at(const char *text, int length)
{
    int value = 0;
    for (int i = 0; i < length; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool date_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1900 || year > 2100 || month < 1 || month > 12)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

const char *tp_id_number_fault(const char *text)
{
    if (strlen(text) != TP_ID_NUMBER_BYTES)
        return "length";
    for (int i = 0; i < 17; i++)
        if (text[i] < '0' || text[i] > '9')
            return "digit";
    if (!date_exists(number_at(text + 6, 4), number_at(text + 10, 2), number_at(text + 12, 2)))
        return "birth_date";
    return tp_id_number_check_character(text) == text[17] ? NULL : "checksum";
}
